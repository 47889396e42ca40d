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
 * <p>The rules about inserts:
 *
 * <ul>
 *   <li>It understands inserts, and always the same kinds of change.
 *   <li>What is inserted is held once the write returns.
 *   <li>Every column is held exactly.
 *   <li>Keys that share their second or their letters are told apart.
 *   <li>A batch that failed is carried out when it is tried again.
 *   <li>A failure that is none of its own is left to others to sort.
 *   <li>Many threads write at once, and wait for none of each other for ever.
 * </ul>
 *
 * <p>The rules about changes that come again, of a sink that {@linkplain #discardsRepeats()
 * discards repeats}:
 *
 * <ul>
 *   <li>A batch that is written again leaves the same.
 *   <li>Trades that come again in other batches leave the same.
 *   <li>A trade that comes again with other content is not taken for the same.
 *   <li>Replacements and retractions that come again leave the same.
 * </ul>
 *
 * <p>The rules about replacements and retractions:
 *
 * <ul>
 *   <li>A replaced trade is held with its new content only.
 *   <li>A forced batch writes again what is there.
 *   <li>A trade that moved is held at its new key only.
 *   <li>A retracted trade is no longer held, and can come back.
 *   <li>One batch can hold all kinds of change.
 * </ul>
 *
 * <p>The rules about failures, which must reach the engine:
 *
 * <ul>
 *   <li>An SQL exception of its store is not swallowed.
 *   <li>A connection failure of its store is not swallowed.
 *   <li>A stack overflow of its store is not swallowed.
 *   <li>A linkage error of its store is not swallowed.
 *   <li>An assertion error of its store is not swallowed.
 *   <li>A runtime exception of its store is not swallowed.
 *   <li>A throwable that is no exception is not swallowed.
 *   <li>An out of memory error of its store is not swallowed.
 *   <li>A failure of the log's transaction is not ignored.
 *   <li>A write returns soon after its thread is interrupted, and throws.
 * </ul>
 *
 * <p>The rules about exactness, of a sink that replaces and retracts; those about answers and what
 * arrives again are for a sink outside the log's transaction:
 *
 * <ul>
 *   <li>Content that goes back and forth ends as the source has it.
 *   <li>A trade that moves away and back is held once, at its key.
 *   <li>A trade that is gone and back is held, and one that is gone is not.
 *   <li>A trade whose answer was lost and that vanished is not held.
 *   <li>A trade whose answer was lost and that moved is held at its new key only.
 *   <li>A live trade whose answers were lost at two keys is held at none, once it vanished.
 *   <li>Trades whose answers were lost are held once if their batches are cut elsewhere.
 *   <li>What arrives again, late and out of order, changes nothing, if the sink {@linkplain
 *       #goesByRevision() goes by revision}.
 * </ul>
 *
 * <p>The rules about digests, of a sink that offers them:
 *
 * <ul>
 *   <li>A sink that holds nothing has no digests.
 *   <li>Digests tell what was inserted.
 *   <li>Digests tell what was replaced and retracted.
 * </ul>
 *
 * <p>The rules about a {@link TransactionalSink}, the last of which holds for each sink:
 *
 * <ul>
 *   <li>It joins the log's transaction and leaves its end to the log.
 *   <li>It can be prepared again, and keeps what it holds.
 *   <li>What it put off is settled in the end.
 *   <li>An engine sends what the sink declares, and reports the rest as gaps.
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
