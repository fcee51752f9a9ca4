package io.millrace.store;

import static io.millrace.store.JobsTestKit.KIND;
import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.state;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an application in another language does, with a role of its own and no search path. */
@Timeout(60)
class SqlEnqueueTest {
  private JobsTestKit kit;
  private PgConnection application;

  @BeforeEach
  void connect() throws Exception {
    kit = new JobsTestKit();
    StoreTestKit.run(
        """
        do $$ begin
          if not exists (select from pg_roles where rolname = 'some_application') then
            create role some_application;
          end if;
        end $$""");
    StoreTestKit.run("grant usage on schema millrace to some_application");
    StoreTestKit.run("grant execute on function millrace.enqueue to some_application");
    application =
        await(
            PgConnection.connect(
                StoreTestKit.VERTX,
                new PgConnectOptions()
                    .setHost("127.0.0.1")
                    .setPort(StoreTestKit.database().embeddedPort())
                    .setDatabase("postgres")
                    .setUser("millrace")
                    .setPassword(StoreTestKit.database().embeddedPassword())));
    await(application.query("set role some_application").execute());
  }

  @AfterEach
  void close() throws Exception {
    await(application.close());
  }

  private Long enqueue(String arguments) throws Exception {
    return await(application.query("select millrace.enqueue(" + arguments + ")").execute())
        .iterator()
        .next()
        .getLong(0);
  }

  @Test
  void aJobIsEnqueuedInTheApplicationsOwnTransaction() throws Exception {
    await(application.query("begin").execute());
    Long id = enqueue("7, '" + KIND + "', '{\"name\": \"Ada\"}', priority => 2");
    assertEquals(0, count("ready"));
    await(application.query("commit").execute());
    ClaimedJob job = kit.claim(1).get(0);
    assertEquals(id, job.key().id());
    assertEquals(7, job.key().user());
    assertEquals("Ada", new JsonObject(job.payload()).getString("name"));
    await(application.query("begin").execute());
    enqueue("7, '" + KIND + "'");
    await(application.query("rollback").execute());
    assertEquals(0, count("ready"));
  }

  @Test
  void whatTheReadmeShowsWorks() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    int begin = readme.indexOf("```sql\n", readme.indexOf("## Enqueuing from other languages")) + 7;
    String[] statements = readme.substring(begin, readme.indexOf("```", begin)).split(";", -1);
    assertEquals(4, statements.length, "two grants, a call, and the end");
    for (int i = 0; i < 2; i++) {
      StoreTestKit.run(statements[i].replace("my_application", "some_application"));
    }
    long parent = enqueue("7, '" + KIND + "'");
    String call = statements[2].replace("array[12]", "array[" + parent + "]");
    long id = await(application.query(call).execute()).iterator().next().getLong(0);
    assertEquals("waiting", state(id));
    kit.settle(JobsTestKit.buried(kit.claim(1).get(0).key()));
    assertEquals("ready", state(id));
  }

  @Test
  void aKindThatNobodyKnowsYetIsMadeKnown() throws Exception {
    String kind = "from-sql-" + System.nanoTime();
    Long id = enqueue("1, '" + kind + "'");
    Jobs elsewhere = new Jobs(StoreTestKit.pool(), new Kinds(StoreTestKit.pool()));
    assertEquals(
        id,
        await(elsewhere.claim(kit.worker, List.of(JobsTestKit.want(kind, 1)))).get(0).key().id());
  }

  @Test
  void allThatJavaCanSayCanBeSaid() throws Exception {
    String kind = "said-in-sql-" + System.nanoTime();
    Long parent = enqueue("1, '" + kind + "', dedup_key => 'k', dedup_window => '1 hour'");
    assertNull(enqueue("1, '" + kind + "', dedup_key => 'k'"));
    List<ClaimedJob> claimed =
        await(kit.jobs.claim(kit.worker, List.of(JobsTestKit.want(kind, 1))));
    Long child =
        enqueue(
            "1, '%s', parents => array[%d], on_dead => 'cancel', cost => 2.5, limit_key => 'l',"
                    .formatted(kind, parent)
                + " deadline => now() + interval '1 hour', trace_parent => 'tp', unit => 'u'");
    assertEquals("waiting", state(child));
    JsonObject options = one(JsonObject.class, "select options from job_body where id = $1", child);
    assertEquals("cancel", options.getString("onDead"));
    assertEquals(2.5, options.getDouble("cost"));
    assertEquals("tp", options.getString("trace"));
    assertEquals("u", options.getString("unit"));
    kit.settle(done(claimed.get(0).key()));
    assertEquals("ready", state(child));
    assertEquals("scheduled", state(enqueue("1, '" + kind + "', delay => '5 minutes'")));
    assertEquals(
        "scheduled", state(enqueue("1, '" + kind + "', run_at => now() + interval '1 day'")));
  }

  @Test
  void theRoleSeesAndChangesNothingElse() throws Exception {
    enqueue("1, '" + KIND + "'");
    for (String sql :
        List.of(
            "select * from millrace.job_body",
            "delete from millrace.job_ready",
            "select millrace.know_kinds(array['x-" + System.nanoTime() + "'])",
            "select millrace.end_unstarted(1, (select max(id) from millrace.job_ready), '')")) {
      PgException e =
          assertThrows(PgException.class, () -> await(application.query(sql).execute()), sql);
      assertEquals("42501", e.getSqlState(), e.getMessage());
    }
    await(application.query("reset role").execute());
    await(application.query("create role stranger_" + System.nanoTime()).execute());
    assertEquals(
        0,
        number(
            """
            select count(*) from pg_roles
             where rolname like 'stranger%'
               and has_function_privilege(oid, (select oid from pg_proc where proname = 'enqueue'), 'execute')"""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null, 'k'                                  | user_id is null",
        "1, null                                    | kind is NULL",
        "1, 'a b'                                   | kind is 'a b'; it begins with a letter",
        "1, 'k', null                               | payload is null; it must be a JSON object",
        "1, 'k', '[1]'                              | payload is a JSON array; it must be a JSON object",
        "1, 'k', priority => 11                     | priority is 11; it must be between -10 and 10",
        "1, 'k', run_at => 'infinity'               | run_at is infinity",
        "1, 'k', run_at => now(), delay => '1 s'    | run_at and delay are both given",
        "1, 'k', delay => '-1 s'                    | delay is -00:00:01",
        "1, 'k', dedup_key => ''                    | dedup_key has 0 characters",
        "1, 'k', dedup_key => repeat('x', 501)      | dedup_key has 501 characters; it must have 1 to 500",
        "1, 'k', dedup_window => '1 s'              | dedup_window is given without a dedup_key",
        "1, 'k', on_duplicate => 'fail'             | on_duplicate is 'fail'; it must be ignore, replace or push",
        "1, 'k', parents => array[1, null]          | parents contains null",
        "1, 'k', parents => array[999999999]        | there is no job 999999999 to wait for",
        "1, 'k', on_dead => 'wait'                  | on_dead is 'wait'; it must be hold, proceed or cancel",
        "1, 'k', batch_id => 999999999              | there is no batch 999999999",
        "1, 'k', cost => 0                          | cost is 0; it must be between 0.001 and 1000000",
        "1, 'k', cost => 'NaN'                      | cost is NaN",
        "1, 'k', limit_key => repeat('x', 201)      | limit_key has 201 characters",
        "1, 'k', unit => ''                         | unit has 0 characters",
        "1, 'k', jsonb_build_object('a', repeat('x', 5242880)) | payload has 5242889 bytes as text; at most 5242880",
      })
  void whatIsWrongIsNamedAndNothingIsWritten(String arguments, String words) throws Exception {
    PgException e = assertThrows(PgException.class, () -> enqueue(arguments));
    assertTrue(e.getMessage().contains(words), e.getMessage());
    assertEquals("22023", e.getSqlState());
    assertEquals(0, count("body"));
  }

  @Test
  void theLargestPayloadOfJavaFitsHoweverJsonbWritesIt() throws Exception {
    String dense = "{\"a\":[" + "1,".repeat((NewJob.MAX_PAYLOAD_BYTES - 10) / 2) + "1]}";
    assertTrue(dense.length() <= NewJob.MAX_PAYLOAD_BYTES);
    assertEquals(1, kit.enqueue(NewJob.of(1, KIND, dense)).size());
  }
}
