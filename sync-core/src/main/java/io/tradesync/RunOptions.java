package io.tradesync;

/**
 * What a run does beyond closing the gaps that it sees.
 *
 * @param compareAll compares everything in scope first, also what was verified before
 * @param allowMassRetraction retracts also where the source lost most of its trades; the grace time
 *     holds all the same
 */
public record RunOptions(boolean compareAll, boolean allowMassRetraction) {

  /**
   * Uses what was verified, and holds back retractions where the source lost most of its trades.
   */
  public static final RunOptions DEFAULT = new RunOptions(false, false);
}
