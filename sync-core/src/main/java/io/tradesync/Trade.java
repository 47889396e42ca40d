package io.tradesync;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One executed trade, as the source holds it. Numbers are exact: prices and quantities are uint256
 * at the source, so neither a long nor a double can hold them.
 *
 * <p>Two trades are equal if all their columns are; numbers by value, so that 1.0 equals 1.00. What
 * belongs to the trade's pool (symbol, decimals) is not compared. Immutable and thread-safe.
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

  /**
   * Starts a trade with what every trade has.
   *
   * @param id the source's id; not empty
   * @param epochSecond the time of the trade, in seconds since 1970-01-01T00:00:00Z
   * @param chainId the chain
   * @param poolId the pool or order book, on that chain
   * @return a builder
   * @throws InvalidSettingException if a text is empty where it must not be, or no database could
   *     hold it (U+0000, an unpaired surrogate)
   */
  public static Builder builder(String id, long epochSecond, long chainId, String poolId) {
    return new Builder(id, epochSecond, chainId, poolId);
  }

  /**
   * The trade's place in the total order.
   *
   * @return timestamp and id
   */
  @Override
  public TradeKey key() {
    return key;
  }

  /**
   * The source's id.
   *
   * @return the id, never empty
   */
  public String id() {
    return key.id();
  }

  /**
   * The time of the trade.
   *
   * @return seconds since 1970-01-01T00:00:00Z
   */
  public long epochSecond() {
    return key.epochSecond();
  }

  /**
   * The chain of the trade.
   *
   * @return the chain id
   */
  public long chainId() {
    return chainId;
  }

  /**
   * The pool or order book; unique together with the chain, since one address can exist on two.
   *
   * @return the pool's id
   */
  public String poolId() {
    return poolId;
  }

  /**
   * The price, in the source's own units.
   *
   * @return the price, or null where the source has none
   */
  public @Nullable BigDecimal price() {
    return price;
  }

  /**
   * The quantity, in the source's own units.
   *
   * @return the quantity, or null where the source has none
   */
  public @Nullable BigDecimal quantity() {
    return quantity;
  }

  /**
   * The transaction that carried the trade.
   *
   * @return the transaction's hash, or null
   */
  public @Nullable String transactionId() {
    return transactionId;
  }

  /**
   * The taker's side, as the source spells it.
   *
   * @return for example {@code Buy} or {@code Sell}, or null
   */
  public @Nullable String side() {
    return side;
  }

  /**
   * Columns of the user's own, in the order in which they were named.
   *
   * @return an unmodifiable map from column to its value as text; values can be null
   */
  public Map<String, @Nullable String> attributes() {
    return attributes;
  }

  /**
   * The pool's symbol; not part of the trade's content.
   *
   * @return for example {@code WETH/USDC}, or null where the pool is not known
   */
  public @Nullable String symbol() {
    return symbol;
  }

  /**
   * The decimals of the pool's base currency; not part of the trade's content.
   *
   * @return the decimals, or null where the pool is not known
   */
  public @Nullable Integer baseDecimals() {
    return baseDecimals;
  }

  /**
   * The decimals of the pool's quote currency; not part of the trade's content.
   *
   * @return the decimals, or null where the pool is not known
   */
  public @Nullable Integer quoteDecimals() {
    return quoteDecimals;
  }

  /**
   * The hash of the trade's content, as {@link Fingerprint#of} computes it; kept from the first
   * call on.
   *
   * @return the fingerprint; every 64-bit value can occur
   */
  public long fingerprint() {
    long known = fingerprint;
    if (known == 0) {
      known = Fingerprint.of(this);
      fingerprint = known;
    }
    return known;
  }

  /**
   * Price times quantity, exactly; up to 156 digits for two uint256.
   *
   * @return the product, or null if one of the two is not there
   */
  public @Nullable BigDecimal volume() {
    return price == null || quantity == null ? null : price.multiply(quantity);
  }

  /**
   * The volume in units of the quote currency: {@code price * quantity / 10^baseDecimals}, exactly.
   *
   * @return the scaled volume, or null where the volume or the decimals are not known
   */
  public @Nullable BigDecimal scaledVolume() {
    BigDecimal volume = volume();
    return volume == null || baseDecimals == null ? null : volume.movePointLeft(baseDecimals);
  }

  /**
   * The same trade with what is known of its pool.
   *
   * @param symbol the pool's symbol, or null
   * @param baseDecimals the base currency's decimals, or null
   * @param quoteDecimals the quote currency's decimals, or null
   * @return a trade equal to this one
   */
  public Trade withPool(
      @Nullable String symbol, @Nullable Integer baseDecimals, @Nullable Integer quoteDecimals) {
    Builder copy =
        builder(id(), epochSecond(), chainId, poolId)
            .price(price)
            .quantity(quantity)
            .transactionId(transactionId)
            .side(side)
            .pool(symbol, baseDecimals, quoteDecimals);
    attributes.forEach(copy::attribute);
    return copy.build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Trade that
        && key.equals(that.key)
        && chainId == that.chainId
        && poolId.equals(that.poolId)
        && sameNumber(price, that.price)
        && sameNumber(quantity, that.quantity)
        && Objects.equals(transactionId, that.transactionId)
        && Objects.equals(side, that.side)
        && attributes.equals(that.attributes);
  }

  private static boolean sameNumber(@Nullable BigDecimal a, @Nullable BigDecimal b) {
    if (a == null || b == null) {
      return a == null && b == null;
    }
    return a.compareTo(b) == 0;
  }

  @Override
  public int hashCode() {
    return key.hashCode();
  }

  @Override
  public String toString() {
    return "Trade" + key;
  }

  /** Collects a trade's columns. Not thread-safe; can be reused after {@link #build()}. */
  public static final class Builder {

    /** The most digits of a number, before or behind the point; a uint256 has 78. */
    public static final int MAX_DIGITS = 1_000;

    private static final MathContext SHORT = new MathContext(10);

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
      this.id = text("id", Objects.requireNonNull(id, "id"));
      if (id.isEmpty()) {
        throw new InvalidSettingException("id", id, "must not be empty");
      }
      this.epochSecond = epochSecond;
      this.chainId = chainId;
      this.poolId = text("poolId", Objects.requireNonNull(poolId, "poolId"));
    }

    /**
     * Sets the price.
     *
     * @param value the exact price in the source's units, or null
     * @return this builder
     * @throws InvalidSettingException if it has more than {@link #MAX_DIGITS} digits
     */
    public Builder price(@Nullable BigDecimal value) {
      this.price = number("price", value);
      return this;
    }

    /**
     * Sets the quantity.
     *
     * @param value the exact quantity in the source's units, or null
     * @return this builder
     * @throws InvalidSettingException if it has more than {@link #MAX_DIGITS} digits
     */
    public Builder quantity(@Nullable BigDecimal value) {
      this.quantity = number("quantity", value);
      return this;
    }

    /**
     * Sets the transaction.
     *
     * @param value the transaction's hash, or null
     * @return this builder
     */
    public Builder transactionId(@Nullable String value) {
      this.transactionId = value == null ? null : text("transactionId", value);
      return this;
    }

    /**
     * Sets the side.
     *
     * @param value the side as the source spells it, or null
     * @return this builder
     */
    public Builder side(@Nullable String value) {
      this.side = value == null ? null : text("side", value);
      return this;
    }

    /**
     * Adds a column of the user's own; the order of the calls is the order of the attributes.
     *
     * @param name the column
     * @param value its value as text, or null
     * @return this builder
     */
    public Builder attribute(String name, @Nullable String value) {
      attributes.put(
          Objects.requireNonNull(name, "name"), value == null ? null : text(name, value));
      return this;
    }

    /**
     * Sets what is known of the pool.
     *
     * @param symbol the pool's symbol, or null
     * @param baseDecimals the base currency's decimals, or null
     * @param quoteDecimals the quote currency's decimals, or null
     * @return this builder
     */
    public Builder pool(
        @Nullable String symbol, @Nullable Integer baseDecimals, @Nullable Integer quoteDecimals) {
      this.symbol = symbol;
      this.baseDecimals = baseDecimals;
      this.quoteDecimals = quoteDecimals;
      return this;
    }

    /**
     * Makes the trade.
     *
     * @return a new trade
     */
    public Trade build() {
      return new Trade(this);
    }

    // 1E+2000000000 is short as an object and two gigabytes as digits.
    private static @Nullable BigDecimal number(String name, @Nullable BigDecimal value) {
      if (value != null
          && Math.max(value.precision(), Math.abs((long) value.scale())) > MAX_DIGITS) {
        throw new InvalidSettingException(
            name, value.round(SHORT), "must have at most " + MAX_DIGITS + " digits");
      }
      return value;
    }

    // PostgreSQL cannot store U+0000, and an unpaired surrogate has no UTF-8 form: either would
    // fail in the middle of a batch, or be stored as something else.
    private static String text(String name, String value) {
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if (c == 0) {
          throw new InvalidSettingException(name, value, "must not hold U+0000");
        }
        if (Character.isHighSurrogate(c)
            && i + 1 < value.length()
            && Character.isLowSurrogate(value.charAt(i + 1))) {
          i++;
        } else if (Character.isSurrogate(c)) {
          throw new InvalidSettingException(name, value, "must not hold an unpaired surrogate");
        }
      }
      return value;
    }
  }
}
