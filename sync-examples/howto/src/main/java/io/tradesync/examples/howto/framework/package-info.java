/** Examples to copy, one container each: it creates the engine, starts it, and closes it. */
@NullMarked
package io.tradesync.examples.howto.framework;

import org.jspecify.annotations.NullMarked;
