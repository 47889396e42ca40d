/** How to write to somewhere else. */
@NullMarked
package io.tradesync.examples.customsink;

import org.jspecify.annotations.NullMarked;
