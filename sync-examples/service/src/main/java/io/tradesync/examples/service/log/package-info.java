/** Log lines and terminal output without control characters of foreign values. */
@NullMarked
package io.tradesync.examples.service.log;

import org.jspecify.annotations.NullMarked;
