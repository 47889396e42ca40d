package io.tradesync.examples.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry of the benchmarks: one subcommand each. */
@Command(
    name = "bench",
    description = "Measures tradesync beside other ways to do the same.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BacklogBenchmark.class,
      ContestBenchmark.class,
      AuditBenchmark.class,
      LiveBenchmark.class,
      RepairsBenchmark.class,
      HandOutsBenchmark.class,
      ChunksBenchmark.class,
      AllBenchmark.class,
      WholeBenchmark.class,
      StreamBenchmark.class,
      HintsBenchmark.class,
      AttributesBenchmark.class,
      SleepingSinkBenchmark.class,
      MemoryBenchmark.class,
      ScaleBenchmark.class,
      LoadBenchmark.class,
      CompareCommand.class,
      MarkdownCommand.class
    })
public final class BenchCommand {

  BenchCommand() {}

  /**
   * Runs a benchmark.
   *
   * @param args the benchmark and its options
   */
  public static void main(String... args) {
    System.exit(new CommandLine(new BenchCommand()).execute(args));
  }
}
