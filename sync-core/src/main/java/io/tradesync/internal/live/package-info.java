/** Writing what live feeds bring. */
@NullMarked
package io.tradesync.internal.live;

import org.jspecify.annotations.NullMarked;
