/** What adapters implement: the source, the log, the sink, and live hints. */
@NullMarked
package io.tradesync.spi;

import org.jspecify.annotations.NullMarked;
