/** An app that answers with its environment, so that tests see what a worker is given. */
import { createServer } from "node:http";

createServer((_, reply) => reply.end(JSON.stringify(process.env))).listen(Number(process.env["PORT"]));
