/** The runnable service: {@code Main} is the entry of its command line. */
@NullMarked
package io.tradesync.examples.service;

import org.jspecify.annotations.NullMarked;
