package io.tradesync.spi;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.Objects;
import java.util.Optional;

/**
 * One change that a sink carries out.
 *
 * <p><b>Revision.</b> Each change has a number from a sequence of the store. For one id, a later
 * change has a greater number, whatever the kind of change is and at whatever key. So a receiver is
 * exact, however changes are repeated, delayed or reordered, by one rule: <b>for an id, apply only
 * what has a greater revision than what was last applied.</b> A retraction counts as well, so the
 * receiver keeps its revision as a mark, for example in a row without a trade.
 *
 * <pre>{@code
 * // Wrong: after 10, 11 and 10 again, the third change is taken for the first one.
 * if (!seen.add(change.key() + ":" + trade.fingerprint())) return;
 *
 * // Right.
 * if (change.revision() <= lastApplied.getOrDefault(change.key().id(), 0L)) return;
 * lastApplied.put(change.key().id(), change.revision());
 * }</pre>
 */
public sealed interface TradeChange {

  /** The trade's key after the change, by which the changes of a batch are ordered. */
  TradeKey key();

  /**
   * Tells newer from older changes of one id. Greater than 0, with gaps; 0 if the sink said that it
   * {@linkplain TransactionalSink#usesRevisions() uses no revisions}.
   *
   * <p>The same change that is tried again has the same revision, unless the sink joins the log's
   * transaction, where a failed attempt leaves nothing behind, or {@code recordBeforeWrite(false)}
   * is set. Another content or key of the id, and its retraction, have a greater revision. So has a
   * trade that comes back after a retraction, and each change of a force. If one claim retracts an
   * id at one key and writes it at another, the write has the greater revision.
   */
  long revision();

  /** The key at which the sink may hold the trade before the change; empty for an insert. */
  Optional<TradeKey> before();

  /** The trade that the sink has to hold after the change; empty for a retraction. */
  Optional<Trade> after();

  /** Returns the same change with another revision. */
  TradeChange withRevision(long value);

  /**
   * A trade that the log does not hold as processed. A sink outside the log's transaction can
   * receive it again, with the same revision, if its answer was lost.
   */
  record Insert(Trade trade, long revision) implements TradeChange {

    public Insert {
      Objects.requireNonNull(trade, "trade");
    }

    /** Creates a change for a sink that uses no revisions. */
    public Insert(Trade trade) {
      this(trade, 0);
    }

    @Override
    public TradeKey key() {
      return trade.key();
    }

    @Override
    public Optional<TradeKey> before() {
      return Optional.empty();
    }

    @Override
    public Optional<Trade> after() {
      return Optional.of(trade);
    }

    @Override
    public Insert withRevision(long value) {
      return new Insert(trade, value);
    }
  }

  /**
   * A trade that takes the place of one that was processed before: the same trade with other
   * content, in a force also with the same content, or the same id at another key. A sink outside
   * the log's transaction may never have received that trade: if an answer was lost, nobody knows.
   *
   * @param oldKey the key of the trade that was processed before, or was perhaps written
   * @param trade the trade as the source has it now
   */
  record Replace(TradeKey oldKey, Trade trade, long revision) implements TradeChange {

    public Replace {
      Objects.requireNonNull(oldKey, "oldKey");
      Objects.requireNonNull(trade, "trade");
    }

    /** Creates a change for a sink that uses no revisions. */
    public Replace(TradeKey oldKey, Trade trade) {
      this(oldKey, trade, 0);
    }

    @Override
    public TradeKey key() {
      return trade.key();
    }

    @Override
    public Optional<TradeKey> before() {
      return Optional.of(oldKey);
    }

    @Override
    public Optional<Trade> after() {
      return Optional.of(trade);
    }

    @Override
    public Replace withRevision(long value) {
      return new Replace(oldKey, trade, value);
    }
  }

  /**
   * A trade that was processed before and that the source no longer has at this key. Only what is
   * at this key goes: the same batch may write the id at another key, with a greater revision. A
   * sink outside the log's transaction may never have received the trade: if an answer was lost,
   * nobody knows.
   */
  record Retract(TradeKey key, long revision) implements TradeChange {

    public Retract {
      Objects.requireNonNull(key, "key");
    }

    /** Creates a change for a sink that uses no revisions. */
    public Retract(TradeKey key) {
      this(key, 0);
    }

    @Override
    public Optional<TradeKey> before() {
      return Optional.of(key);
    }

    @Override
    public Optional<Trade> after() {
      return Optional.empty();
    }

    @Override
    public Retract withRevision(long value) {
      return new Retract(key, value);
    }
  }
}
