package io.tradesync;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One executed trade, as the source holds it. Numbers are exact: prices and quantities are uint256
 * at the source, so neither a long nor a double can hold them.
 *
 * <p>Two trades are equal if all their columns are equal. Numbers are compared by value, so that
 * 1.0 equals 1.00. Symbol and decimals belong to the pool: they are not compared and are no part of
 * the fingerprint. Immutable and thread-safe.
 */
public final class Trade implements Keyed {

  private final TradeKey key;
  private final long chainId;
  private final String poolId;
  private final @Nullable BigDecimal price;
  private final @Nullable BigDecimal quantity;
  private final @Nullable String transactionId;
  private final @Nullable String side;
  private final Map<String, @Nullable String> attributes;
  private final @Nullable String symbol;
  private final @Nullable Integer baseDecimals;
  private final @Nullable Integer quoteDecimals;

  /** Zero until it is asked for; a trade whose fingerprint is zero has it computed each time. */
  private volatile long fingerprint;

  private Trade(Builder builder) {
    this.key = new TradeKey(builder.epochSecond, builder.id);
    this.chainId = builder.chainId;
    this.poolId = builder.poolId;
    this.price = builder.price;
    this.quantity = builder.quantity;
    this.transactionId = builder.transactionId;
    this.side = builder.side;
    this.attributes = Collections.unmodifiableMap(new LinkedHashMap<>(builder.attributes));
    this.symbol = builder.symbol;
    this.baseDecimals = builder.baseDecimals;
    this.quoteDecimals = builder.quoteDecimals;
  }

  private Trade(
      Trade trade,
      @Nullable String symbol,
      @Nullable Integer baseDecimals,
      @Nullable Integer quoteDecimals) {
    this.key = trade.key;
    this.chainId = trade.chainId;
    this.poolId = trade.poolId;
    this.price = trade.price;
    this.quantity = trade.quantity;
    this.transactionId = trade.transactionId;
    this.side = trade.side;
    this.attributes = trade.attributes;
    this.symbol = symbol;
    this.baseDecimals = baseDecimals;
    this.quoteDecimals = quoteDecimals;
    this.fingerprint = trade.fingerprint;
  }

  /**
   * Starts a trade with what every trade has.
   *
   * @param id the source's id; not empty
   * @param epochSecond the time of the trade, in seconds since 1970-01-01T00:00:00Z
   * @param chainId the chain
   * @param poolId the pool or order book, on that chain
   * @throws InvalidSettingException if the id is empty, or if no database could store a text
   *     (U+0000, an unpaired surrogate)
   */
  public static Builder builder(String id, long epochSecond, long chainId, String poolId) {
    return new Builder(id, epochSecond, chainId, poolId);
  }

  /** The trade's place in the total order: timestamp and id. */
  @Override
  public TradeKey key() {
    return key;
  }

  /** The source's id; never empty. */
  public String id() {
    return key.id();
  }

  /** The time of the trade, in seconds since 1970-01-01T00:00:00Z. */
  public long epochSecond() {
    return key.epochSecond();
  }

  public long chainId() {
    return chainId;
  }

  /** The pool or order book. One address can exist on two chains. */
  public String poolId() {
    return poolId;
  }

  /** The price in the source's own units, or null if the source has none. */
  public @Nullable BigDecimal price() {
    return price;
  }

  /** The quantity in the source's own units, or null if the source has none. */
  public @Nullable BigDecimal quantity() {
    return quantity;
  }

  /** The hash of the transaction that carried the trade, or null. */
  public @Nullable String transactionId() {
    return transactionId;
  }

  /** The taker's side as the source spells it, such as {@code Buy}, or null. */
  public @Nullable String side() {
    return side;
  }

  /**
   * Columns of the user's own, in the order in which they were named; each value as text or null.
   * Unmodifiable.
   */
  public Map<String, @Nullable String> attributes() {
    return attributes;
  }

  /** The pool's symbol, such as {@code WETH/USDC}, or null if the pool is not known. */
  public @Nullable String symbol() {
    return symbol;
  }

  /** The decimals of the pool's base currency, or null if the pool is not known. */
  public @Nullable Integer baseDecimals() {
    return baseDecimals;
  }

  /** The decimals of the pool's quote currency, or null if the pool is not known. */
  public @Nullable Integer quoteDecimals() {
    return quoteDecimals;
  }

  /**
   * The hash of the trade's content; see {@link Fingerprint}. It is computed at the first call and
   * kept. Every 64-bit value can occur.
   */
  public long fingerprint() {
    long known = fingerprint;
    if (known == 0) {
      known = Fingerprint.of(epochSecond(), chainId, price, quantity, texts());
      fingerprint = known;
    }
    return known;
  }

  /** The bytes whose hash is the fingerprint; a new array. */
  public byte[] canonicalForm() {
    return Fingerprint.canonicalForm(epochSecond(), chainId, price, quantity, texts());
  }

  private List<@Nullable String> texts() {
    List<@Nullable String> texts = new ArrayList<>(4 + attributes.size());
    texts.add(id());
    texts.add(transactionId);
    texts.add(side);
    texts.add(poolId);
    texts.addAll(attributes.values());
    return texts;
  }

  /**
   * Price times quantity, exactly: up to 156 digits for two uint256. Null if price or quantity is
   * null.
   */
  public @Nullable BigDecimal volume() {
    return price == null || quantity == null ? null : price.multiply(quantity);
  }

  /**
   * The volume in units of the quote currency: {@code price * quantity / 10^baseDecimals}, exactly.
   * Null if the volume or the decimals are not known.
   */
  public @Nullable BigDecimal scaledVolume() {
    BigDecimal volume = volume();
    return volume == null || baseDecimals == null ? null : volume.movePointLeft(baseDecimals);
  }

  /** Returns a trade that equals this one and holds what is known of its pool. */
  public Trade withPool(
      @Nullable String symbol, @Nullable Integer baseDecimals, @Nullable Integer quoteDecimals) {
    return new Trade(this, symbol, baseDecimals, quoteDecimals);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Trade that
        && key.equals(that.key)
        && chainId == that.chainId
        && poolId.equals(that.poolId)
        && TradeRules.sameNumber(price, that.price)
        && TradeRules.sameNumber(quantity, that.quantity)
        && Objects.equals(transactionId, that.transactionId)
        && Objects.equals(side, that.side)
        && attributes.equals(that.attributes);
  }

  @Override
  public int hashCode() {
    return key.hashCode();
  }

  @Override
  public String toString() {
    return "Trade" + key;
  }

  /**
   * Collects a trade's columns. Not thread-safe; can be used again after {@link #build()}. A method
   * that takes a text throws {@link InvalidSettingException} if no database could store it.
   */
  public static final class Builder {

    /** How many digits a number has at most, before or after the point; a uint256 has 78. */
    public static final int MAX_DIGITS = TradeRules.MAX_DIGITS;

    private final String id;
    private final long epochSecond;
    private final long chainId;
    private final String poolId;
    private @Nullable BigDecimal price;
    private @Nullable BigDecimal quantity;
    private @Nullable String transactionId;
    private @Nullable String side;
    private final Map<String, @Nullable String> attributes = new LinkedHashMap<>();
    private @Nullable String symbol;
    private @Nullable Integer baseDecimals;
    private @Nullable Integer quoteDecimals;

    private Builder(String id, long epochSecond, long chainId, String poolId) {
      this.id = TradeRules.notEmpty("id", Objects.requireNonNull(id, "id"));
      this.epochSecond = epochSecond;
      this.chainId = chainId;
      this.poolId = TradeRules.text("poolId", Objects.requireNonNull(poolId, "poolId"));
    }

    /**
     * Sets the exact price in the source's units, or null.
     *
     * @throws InvalidSettingException if it has more than {@link #MAX_DIGITS} digits
     */
    public Builder price(@Nullable BigDecimal value) {
      this.price = TradeRules.number("price", value);
      return this;
    }

    /**
     * Sets the exact quantity in the source's units, or null.
     *
     * @throws InvalidSettingException if it has more than {@link #MAX_DIGITS} digits
     */
    public Builder quantity(@Nullable BigDecimal value) {
      this.quantity = TradeRules.number("quantity", value);
      return this;
    }

    /** Sets the transaction's hash, or null. */
    public Builder transactionId(@Nullable String value) {
      this.transactionId = TradeRules.optionalText("transactionId", value);
      return this;
    }

    /** Sets the side as the source spells it, or null. */
    public Builder side(@Nullable String value) {
      this.side = TradeRules.optionalText("side", value);
      return this;
    }

    /**
     * Adds a column of the user's own; the order of the calls is the order of the attributes.
     *
     * @param name the column
     * @param value its value as text, or null
     */
    public Builder attribute(String name, @Nullable String value) {
      attributes.put(Objects.requireNonNull(name, "name"), TradeRules.optionalText(name, value));
      return this;
    }

    /** Sets what is known of the pool; null for what is not. */
    public Builder pool(
        @Nullable String symbol, @Nullable Integer baseDecimals, @Nullable Integer quoteDecimals) {
      this.symbol = symbol;
      this.baseDecimals = baseDecimals;
      this.quoteDecimals = quoteDecimals;
      return this;
    }

    public Trade build() {
      return new Trade(this);
    }
  }
}
