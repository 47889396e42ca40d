/** Writing batches: retry, isolation of bad trades, marking. */
@NullMarked
package io.tradesync.internal.batch;

import org.jspecify.annotations.NullMarked;
