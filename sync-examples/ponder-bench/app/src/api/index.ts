import { Hono } from "hono";

// `ponder start` wants one; nothing here asks it.
export default new Hono();
