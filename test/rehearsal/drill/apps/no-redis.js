// Has no Redis at all.
import { load, serve } from "./serve.js";

serve(load);
