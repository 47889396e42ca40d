package io.tradesync.examples.service.http;

import io.javalin.http.Context;
import io.tradesync.RunOptions;
import io.tradesync.TradeSelection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads which run or force is to be planned. Another parameter is refused, and named. */
final class PlanQuestion {

  static final String AUDIT = "audit";
  static final String FROM = "fromTimestamp";
  static final String TO = "toTimestamp";
  static final String CHAINS = "chains";
  static final String POOLS = "pools";

  private static final Set<String> PARAMETERS = Set.of(AUDIT, FROM, TO, CHAINS, POOLS);

  private PlanQuestion() {}

  /** Reads the options of a force if there is a time to begin at, else those of a run. */
  static RunOptions read(Context call) {
    call.queryParamMap()
        .keySet()
        .forEach(
            name -> {
              if (!PARAMETERS.contains(name)) {
                // A misspelt parameter would have another run planned than is begun afterwards.
                throw Problem.badField(name, name + " is not a parameter of this request");
              }
            });
    boolean audit = QueryParameters.flag(call, AUDIT);
    Long from = QueryParameters.second(call, FROM);
    RunOptions options =
        from == null ? RunOptions.DEFAULT.compareAll(audit) : RunOptions.forceFromEpochSecond(from);
    Long to = QueryParameters.second(call, TO);
    if (to != null) {
      options = options.toEpochSecond(to);
    }
    Set<Long> chains =
        call.queryParams(CHAINS).stream()
            .map(chain -> QueryParameters.wholeNumber(CHAINS, chain))
            .collect(Collectors.toSet());
    List<String> pools = call.queryParams(POOLS);
    pools.forEach(pool -> QueryParameters.withoutNul(POOLS, pool));
    return options.only(new TradeSelection(chains, Set.copyOf(pools)));
  }
}
