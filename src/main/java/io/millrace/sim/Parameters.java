package io.millrace.sim;

import java.util.List;
import org.apache.james.mime4j.stream.NameValuePair;
import org.apache.james.mime4j.stream.RawBody;
import org.apache.james.mime4j.stream.RawField;
import org.apache.james.mime4j.stream.RawFieldParser;
import org.apache.james.mime4j.util.MimeParameterMapping;

/** Reads parameters of structured headers, split and percent-encoded ones (RFC 2231) too. */
final class Parameters {
  private Parameters() {}

  /** The value of a parameter of the first header of this name, or "". */
  static String of(List<Header> headers, String header, String name) {
    String value = value(headers, header);
    if (value.indexOf('=') < 0) {
      return "";
    }
    RawBody body = RawFieldParser.DEFAULT.parseRawBody(new RawField(header, value));
    MimeParameterMapping mapping = new MimeParameterMapping();
    for (NameValuePair pair : body.getParams()) {
      mapping.addParameter(pair.getName(), pair.getValue());
    }
    String found = mapping.get(name);
    return found == null ? "" : found;
  }

  /** The value of the first header of this name, or "". */
  static String value(List<Header> headers, String name) {
    for (Header header : headers) {
      if (header.name().equalsIgnoreCase(name)) {
        return header.value();
      }
    }
    return "";
  }
}
