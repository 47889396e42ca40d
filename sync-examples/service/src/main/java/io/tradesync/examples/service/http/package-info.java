/** The service's HTTP API and page. */
@NullMarked
package io.tradesync.examples.service.http;

import org.jspecify.annotations.NullMarked;
