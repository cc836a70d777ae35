// Dies on an error event: a socket without a listener for "error" ends the process, as node-redis does.
import { connect } from "node:net";
import { isEnabled, load, serve } from "./serve.js";

const { REDIS_HOST, REDIS_PORT, REDIS_PASSWORD } = process.env;
const command = (...words) =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
const open = () => {
  const socket = connect(Number(REDIS_PORT), REDIS_HOST);
  socket.write(command("AUTH", REDIS_PASSWORD));
  socket.resume();
  socket.on("close", () => open());
  return socket;
};
const socket = isEnabled ? open() : undefined;

serve(async () => {
  socket?.write(command("GET", "answer"));
  return await load();
});
