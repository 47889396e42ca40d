package io.tradesync.examples.benchmarks;

import io.tradesync.Fingerprint;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** What each trade costs in Java, without any database: nanoseconds a trade. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TradeCostBenchmark {

  private static final int TRADES = 1_000;

  private List<Trade> trades = List.of();
  private TradeKey[] shuffled = {};

  /** Makes trades as an indexer has them: ids and transactions are hashes, several a second. */
  @Setup
  public void makeTrades() {
    Random random = new Random(1);
    trades = IntStream.range(0, TRADES).mapToObj(number -> trade(number, random)).toList();
    List<TradeKey> keys = new ArrayList<>(trades.stream().map(Trade::key).toList());
    Collections.shuffle(keys, random);
    shuffled = keys.toArray(TradeKey[]::new);
  }

  private static Trade trade(int number, Random random) {
    return Trade.builder(
            hash(random),
            1_754_400_000L + number / 4,
            31_337,
            "0x5fbdb2315678afecb367f032d93f642f64180a%02x".formatted(number % 10))
        .side(number % 2 == 0 ? "Buy" : "Sell")
        .price(new BigDecimal(new BigInteger(72, random)))
        .quantity(new BigDecimal(new BigInteger(64, random)))
        .transactionId("0x" + hash(random))
        .build();
  }

  private static String hash(Random random) {
    return "%064x".formatted(new BigInteger(256, random));
  }

  /** The text that is hashed. */
  @Benchmark
  @OperationsPerInvocation(TRADES)
  public void canonicalForm(Blackhole sink) {
    trades.forEach(trade -> sink.consume(trade.canonicalForm()));
  }

  /** The text and its hash. */
  @Benchmark
  @OperationsPerInvocation(TRADES)
  public void fingerprint(Blackhole sink) {
    // Not Trade.fingerprint(), which is computed once.
    trades.forEach(
        t -> {
          List<String> texts = List.of(t.id(), t.transactionId(), t.side(), t.poolId());
          sink.consume(
              Fingerprint.of(t.epochSecond(), t.chainId(), t.price(), t.quantity(), texts));
        });
  }

  /** Sorting by key. */
  @Benchmark
  @OperationsPerInvocation(TRADES)
  public TradeKey[] sortByKey() {
    TradeKey[] keys = shuffled.clone();
    Arrays.sort(keys);
    return keys;
  }
}
