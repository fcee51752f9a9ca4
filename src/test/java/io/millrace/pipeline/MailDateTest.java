package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailDateTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Wed, 19 Jun 1996 18:12:02 +0200 | 1996-06-19T16:12:02Z",
        "19 Jun 1996 18:12 +0200 | 1996-06-19T16:12:00Z",
        "Wed, 19 Jun 96 18:12:02 EST | 1996-06-19T23:12:02Z",
        "Wed, 5 Jan 05 18:12:02 PDT (Pacific (x) time) | 2005-01-06T01:12:02Z",
        "Wed 19 Jun 1996 (summer) 18:12:02 | 1996-06-19T18:12:02Z",
        "Wed Jun 19 18:12:02 1996 | 1996-06-19T18:12:02Z",
        "Wed Jun 19 18:12:02 EDT 1996 | 1996-06-19T22:12:02Z",
        "19-Jun-1996 18:12:02 -0530 | 1996-06-19T23:42:02Z",
        "Tue, 6 Jun 2000 03:20:11 UT | 2000-06-06T03:20:11Z",
        "Sat, 1 Jan 100 00:00:00 +0000 | 2000-01-01T00:00:00Z",
        "Sat, 31 Dec 2016 23:59:60 +0000 | 2017-01-01T00:00:00Z",
        "2016-12-31T23:59:59+01:00 | 2016-12-31T22:59:59Z",
        "Fri, 1 March 2019 10:00:00 GMT+0100 | 2019-03-01T10:00:00Z",
        "1 Mar 2019 10:00:00+0100 | 2019-03-01T09:00:00Z",
        "1 Mar 2019 10:00:00-0100 | 2019-03-01T11:00:00Z"
      })
  void readsDatesAsTheyCome(String value, Instant expected) {
    assertEquals(expected, MailDate.parse(value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yesterday", "32 Jun 1996", "1 Jun", "1 Jun 1996 25:00:00", ":", "-"})
  void givesUpQuietly(String value) {
    assertNull(MailDate.parse(value));
  }
}
