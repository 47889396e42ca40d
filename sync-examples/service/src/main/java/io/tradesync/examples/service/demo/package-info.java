/** The eight scenarios, walked through the service's own HTTP API. */
@NullMarked
package io.tradesync.examples.service.demo;

import org.jspecify.annotations.NullMarked;
