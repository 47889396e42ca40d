/** Carrying out a run from discovery to result. */
@NullMarked
package io.tradesync.internal.run;

import org.jspecify.annotations.NullMarked;
