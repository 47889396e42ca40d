package io.tradesync.examples.bench;

import picocli.CommandLine.Command;

/** Groups the benchmarks. */
@Command(
    name = "bench",
    description = "Measures.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BacklogBenchmark.class,
      ContestBenchmark.class,
      AuditBenchmark.class,
      LiveBenchmark.class
    })
public final class BenchCommand {}
