/** What tests of code that uses or extends this library need. */
package io.tradesync.testkit;
