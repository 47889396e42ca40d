package io.tradesync.internal.compare;

import io.tradesync.TradeKey;
import java.io.Serializable;

/**
 * What the parts of a comparison have in common, as it is sent to another machine.
 *
 * @param planned the kinds of gap for which the findings hold planned ranges
 * @param orphans decides which orphans are due
 * @param errors the known failures that are listed
 * @param keptBelow the key below which processed trades that vanished are kept
 */
public record ComparisonTerms(
    GapSelection planned, OrphanTerms orphans, ListedErrors errors, TradeKey keptBelow)
    implements Serializable {}
