package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work outside transactions is done by one at a time, also if one had to wait for the lock. */
class WorkOutsideLockTest {

  private static final Duration TIME = Duration.ofMinutes(1);

  private static final String INSERT =
      """
      insert into sync_work_outside (service, holder, held_until)
      values ('analytics', 'other', clock_timestamp() + interval '%s')\
      """;

  private final StoreFixture store = new StoreFixture();
  private final PostgresSyncLog log =
      PostgresSyncLog.builder(store.database.dataSource()).statementTimeout(TIME).build();

  @BeforeEach
  void prepare() {
    log.prepare();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Instant heldUntil() {
    return store.jdbi.withHandle(
        handle ->
            handle
                .select("select held_until from sync_work_outside")
                .mapTo(OffsetDateTime.class)
                .one()
                .toInstant());
  }

  /** Has the lock taken while another session changes it; returns until when it is held then. */
  private Optional<Instant> heldUntilAfter(String change, boolean committed, Instant[] released)
      throws Exception {
    CompletableFuture<Optional<Instant>> heldUntil;
    try (Connection other = store.database.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other.createStatement().execute(change);
      heldUntil = ConcurrentTask.run(() -> log.outsideTransaction(outside -> heldUntil()));
      await().until(() -> store.waitingForLocks() == 1);
      released[0] = log.orphans().now();
      if (committed) {
        other.commit();
      } else {
        other.rollback();
      }
    }
    return heldUntil.get(60, TimeUnit.SECONDS);
  }

  private void assertHeldForItsTime(String change, boolean committed) throws Exception {
    Instant[] released = new Instant[1];
    Optional<Instant> heldUntil = heldUntilAfter(change, committed, released);
    assertThat(heldUntil.orElseThrow()).isAfterOrEqualTo(released[0].plus(TIME));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theTimeBeginsWhenAnotherHasEndedItsWork(boolean released) throws Exception {
    store.execute(INSERT.formatted("-1 second"));
    assertHeldForItsTime("delete from sync_work_outside", released);
  }

  @Test
  void theTimeBeginsWhenAnotherDidNotTakeTheLock() throws Exception {
    assertHeldForItsTime(INSERT.formatted("1 hour"), false);
  }

  @Test
  void aLockThatAnotherTookMeanwhileIsNotTaken() throws Exception {
    assertThat(heldUntilAfter(INSERT.formatted("1 hour"), true, new Instant[1])).isEmpty();
  }

  @Test
  void aLockWhoseTimeEndedWhileItWasWaitedForIsTaken() throws Exception {
    assertHeldForItsTime(INSERT.formatted("1 microsecond"), true);
  }
}
