package io.tradesync.examples.service.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Removes the header by which a client could replace the method of a request. Javalin obeys it, so
 * a GET, which no check of origin or token applies to, could start a run.
 */
final class MethodOverrideFilter extends Handler.Wrapper {

  private static final String HEADER = "X-HTTP-Method-Override";

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!request.getHeaders().contains(HEADER)) {
      return super.handle(request, response, callback);
    }
    HttpFields headers = HttpFields.build(request.getHeaders()).remove(HEADER).asImmutable();
    Request filtered =
        new Request.Wrapper(request) {
          @Override
          public HttpFields getHeaders() {
            return headers;
          }
        };
    return super.handle(filtered, response, callback);
  }
}
