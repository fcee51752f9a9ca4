package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A page of mail costs the same however large a mailbox is. */
@Timeout(60)
class MessageListTest {
  private static Future<String> plan(SqlConnection c) {
    return c.query(
            "prepare mail (bigint, timestamptz, text, bigint) as " + Sql.named("list_messages"))
        .execute()
        .compose(v -> c.query("explain execute mail (1, '9999-12-31', '', 20)").execute())
        .map(
            rows -> {
              StringBuilder text = new StringBuilder();
              rows.forEach(row -> text.append(row.getString(0)).append('\n'));
              return text.toString();
            })
        .eventually(() -> c.query("deallocate mail").execute());
  }

  @Test
  void thePageIsReadInTheOrderOfItsIndex() throws Exception {
    judge(await(pool().withConnection(MessageListTest::plan)));
  }

  @Test
  void rowSecurityLeavesItSo() throws Exception {
    judge(await(StoreTestKit.database().endUsers().as(1, MessageListTest::plan)));
  }

  private static void judge(String plan) {
    assertTrue(plan.contains("user_id_internal_date_id_idx"), plan);
    assertFalse(plan.contains("Sort Key") && !plan.contains("Merge Append"), plan);
    assertFalse(plan.contains("Seq Scan"), plan);
  }
}
