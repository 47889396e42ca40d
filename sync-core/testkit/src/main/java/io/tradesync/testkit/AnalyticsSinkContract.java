package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.SyncLog;
import java.util.Collection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/**
 * What an {@link AnalyticsSink} promises, as tests; a {@link TransactionalSink} is written through
 * a log's transactions. To prove a sink, extend this class and say how to make an empty one and how
 * to read what it holds:
 *
 * <pre>{@code
 * class MySinkTest extends AnalyticsSinkContract {
 *   private final MyStore store = new MyStore();
 *
 *   protected AnalyticsSink emptySink() {
 *     return new MySink(store);
 *   }
 *
 *   protected Collection<Trade> held() {
 *     return store.rows();
 *   }
 * }
 * }</pre>
 *
 * <p>A sink is tested for the kinds of change that it declares in {@link
 * AnalyticsSink#capabilities()}; of the others it is tested that an engine never sends them.
 *
 * <p>The rules:
 *
 * <ul>
 *   <li>A sink takes inserts, and always declares the same kinds of change. What it does not
 *       declare, an engine never sends and reports as a gap.
 *   <li>What is written is held once the write returns, with every column exact, and keys that
 *       share their second or their letters are told apart.
 *   <li>A batch that failed is carried out when it is tried again.
 *   <li>Many threads write at once, and none waits for another for ever.
 *   <li>A change that comes again, in the same batch or in another, leaves the same. A trade that
 *       comes again with other content is not taken for the same.
 *   <li>A replaced trade is held with its new content only, a moved one at its new key only, and a
 *       retracted one is no longer held and can come back. One batch can hold all kinds of change.
 *   <li>A forced batch writes again what is there.
 *   <li>No failure of the sink's own store, and no interrupt, is hidden from the engine. A failure
 *       that the sink does not know it leaves to others to sort.
 *   <li>A sink outside the log's transaction ends as the source is, when content goes back and
 *       forth, when trades move or vanish, and when answers are lost; if it {@linkplain
 *       #goesByRevision() goes by revision}, also when changes arrive late and out of order.
 *   <li>A sink that offers digests digests what it holds, before and after replacements and
 *       retractions.
 *   <li>A {@link TransactionalSink} joins the log's transaction and leaves its end to the log. It
 *       can be prepared again and keeps what it holds, and what it put off is settled in the end.
 * </ul>
 */
public abstract class AnalyticsSinkContract {

  /** The second that the trades of these tests begin at. */
  protected static final long T = 1_754_400_000L;

  AnalyticsSink sink;
  SyncLog log;
  int batches;
  long nextRevision = 1;

  /** For subclasses. */
  protected AnalyticsSinkContract() {}

  /**
   * Makes a sink that holds nothing; called once before each test.
   *
   * @return a sink that is ready to be written to, or a {@link TransactionalSink} that is not
   *     prepared yet
   * @throws Exception to fail the test
   */
  protected abstract AnalyticsSink emptySink() throws Exception;

  /**
   * Reads what the sink made durable, not by way of the sink and not in a transaction of its own.
   *
   * @return the trades, in any order; one that was written twice is in it twice if neither the sink
   *     nor its reader {@linkplain #discardsRepeats() discards repeats}
   * @throws Exception to fail the test
   */
  protected abstract Collection<Trade> held() throws Exception;

  /**
   * The log whose transactions a {@link TransactionalSink} joins; not called for other sinks.
   * Called once before each test, after {@link #emptySink()}.
   *
   * @return an empty log that {@link SyncLog#prepare()} was not yet called on
   * @throws Exception to fail the test
   */
  protected SyncLog emptyLog() throws Exception {
    throw new UnsupportedOperationException(
        "the test of a TransactionalSink must override emptyLog()");
  }

  /**
   * Tells whether a change that is written again leaves the same trades as if it was written once:
   * the sink, or its reader, discards a change that it has, by its revision, or writes whole rows.
   *
   * @return true by default. A {@link TransactionalSink} is never sent a change again and may say
   *     no; with any other sink, a crash can then make a trade count twice
   */
  protected boolean discardsRepeats() {
    return true;
  }

  /**
   * Tells whether the sink, or its receiver, applies for an id only what has a greater revision
   * than what it applied last, so that changes may arrive late and out of order.
   *
   * @return false by default
   */
  protected boolean goesByRevision() {
    return false;
  }

  /**
   * What the sink keeps of a trade.
   *
   * @param trade a trade that was written
   * @return the trade as {@link #held()} gives it back; by default equal to it
   */
  protected Trade kept(Trade trade) {
    return trade;
  }

  /**
   * Tells whether the sink has a form for a trade at all. One that it has none for must be refused
   * by an exception, and never be held as something else.
   *
   * @param trade a trade that a source may hold
   * @return true by default
   */
  protected boolean canHold(Trade trade) {
    return true;
  }

  /**
   * Makes the sink fail to write, if that can be arranged.
   *
   * @return whether the sink fails now
   * @throws Exception to fail the test
   */
  protected boolean cutOff() throws Exception {
    return false;
  }

  /**
   * Takes {@link #cutOff()} back.
   *
   * @throws Exception to fail the test
   */
  protected void reconnect() throws Exception {}

  /**
   * Makes the sink's store throw at the next write, if that can be arranged; once. The sink has to
   * throw then, since the engine takes a write that returns for done.
   *
   * @param failure an exception or an error that the sink's code does not expect
   * @return whether the next write fails now, by this failure or one that stands for it. If false,
   *     as by default, there is no test of this failure
   * @throws Exception to fail the test
   */
  protected boolean failNextWrite(Throwable failure) throws Exception {
    return false;
  }

  /**
   * Makes the sink's store not answer, if that can be arranged. The sink has to throw when its
   * thread is interrupted then; see {@link io.tradesync.SyncEngineBuilder#sinkTimeout}.
   *
   * @return whether a write waits now until {@link #resume()} is called. If false, as by default,
   *     there is no test of it
   * @throws Exception to fail the test
   */
  protected boolean stall() throws Exception {
    return false;
  }

  /**
   * Takes {@link #stall()} back.
   *
   * @throws Exception to fail the test
   */
  protected void resume() throws Exception {}

  @BeforeEach
  void make() throws Exception {
    sink = emptySink();
    if (sink instanceof TransactionalSink<?> joining) {
      log = emptyLog();
      log.prepare();
      prepare(joining);
    } else {
      log = new InMemorySyncLog();
    }
  }

  final <T> void prepare(TransactionalSink<T> joining) throws Exception {
    boolean ignored =
        log.transact(
            null,
            transaction -> {
              joining.prepare(log.service(), joining.transactionType().cast(transaction.handle()));
              return true;
            });
  }

  @Nested
  class Inserts extends SinkInsertContract {
    Inserts() {
      super(AnalyticsSinkContract.this);
    }
  }

  @Nested
  class Repetitions extends SinkRepetitionContract {
    Repetitions() {
      super(AnalyticsSinkContract.this);
    }
  }

  @Nested
  class Replacements extends SinkReplacementContract {
    Replacements() {
      super(AnalyticsSinkContract.this);
    }
  }

  @Nested
  class Failures extends SinkFailureContract {
    Failures() {
      super(AnalyticsSinkContract.this);
    }
  }

  @Nested
  class Exactness extends SinkExactnessContract {
    Exactness() {
      super(AnalyticsSinkContract.this);
    }
  }

  @Nested
  class Digests extends SinkDigestsContract {
    Digests() {
      super(AnalyticsSinkContract.this);
    }
  }

  @Nested
  class Transactions extends SinkTransactionContract {
    Transactions() {
      super(AnalyticsSinkContract.this);
    }
  }
}
