package io.tradesync.internal.compare;

/**
 * Into which parts long ranges are divided.
 *
 * @param parallelism how many parts are compared at the same time; 1 if there are never parts
 * @param tradesBeforeParts how many trades are compared before the rest is divided
 * @param tradesPerPart how many trades make a part at least, as far as there are so many parts
 * @param maxParts into how many parts a range is divided at most
 * @param recheckedPerPart how many of the ranges that hold few trades each make a part
 */
public record PartSizes(
    int parallelism,
    long tradesBeforeParts,
    long tradesPerPart,
    int maxParts,
    int recheckedPerPart) {}
