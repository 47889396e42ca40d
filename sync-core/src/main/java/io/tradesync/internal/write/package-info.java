/** Writing batches: retry, isolation of bad trades, marking. */
@NullMarked
package io.tradesync.internal.write;

import org.jspecify.annotations.NullMarked;
