/** What is remembered of earlier comparisons: the verified prefix and its exceptions. */
@NullMarked
package io.tradesync.internal.verify;

import org.jspecify.annotations.NullMarked;
