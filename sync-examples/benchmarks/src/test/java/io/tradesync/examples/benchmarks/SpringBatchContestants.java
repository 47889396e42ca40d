package io.tradesync.examples.benchmarks;

import io.tradesync.examples.benchmarks.SpringBatchContestant.Reader;
import java.util.List;

/** Spring Batch in the variants that one would try. */
public final class SpringBatchContestants implements Contestants {

  @Override
  public List<Contestant> all() {
    return List.of(
        new SpringBatchContestant(Reader.CURSOR, 50, false),
        new SpringBatchContestant(Reader.CURSOR, 1_000, false),
        new SpringBatchContestant(Reader.CURSOR, 1_000, true),
        new SpringBatchContestant(Reader.PAGING, 50, false),
        new SpringBatchContestant(Reader.PAGING, 1_000, false));
  }
}
