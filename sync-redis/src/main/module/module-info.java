/** Live trades from Redis streams, and a publisher for them. */
module io.tradesync.redis {
  requires transitive io.tradesync.core;
  requires transitive lettuce.core;
  requires org.slf4j;
  // Lettuce names no modules itself, so nothing else would bring these.
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.resolver;
  requires io.netty.resolver.dns;
  requires io.netty.transport;
  requires java.naming;
  requires org.reactivestreams;
  requires reactor.core;

  exports io.tradesync.redis;
}
