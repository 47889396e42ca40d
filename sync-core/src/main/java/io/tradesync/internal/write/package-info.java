/** Writing batches: one transaction, retries, isolating bad trades, marking them as failed. */
@NullMarked
package io.tradesync.internal.write;

import org.jspecify.annotations.NullMarked;
