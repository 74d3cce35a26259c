// Keeps the processes of one control plane, and ends them with whoever started it: a run that is killed leaves nothing behind.
// Started by start.ts with an IPC channel; the channel closes with the other process, however that ends.
//
//   node supervisor.js FOLDER
//
// In:  {type: "start", name, command, args}   {type: "stop", name}
// Out: {type: "exited", name, code}
const { spawn } = require("node:child_process");
const { mkdirSync, openSync, closeSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const [, , folder] = process.argv;
const children = new Map();

writeFileSync(join(folder, "supervisor.pid"), String(process.pid));
mkdirSync(join(folder, "pids"), { recursive: true });

process.on("message", ({ type, name, command, args }) => {
  if (type === "start") {
    start(name, command, args);
  } else {
    children.get(name)?.kill("SIGKILL");
  }
});
process.on("disconnect", () => void end());
// A Ctrl-C is for whoever started it; its end closes the channel.
process.on("SIGINT", () => {});

function start(name, command, args) {
  const log = openSync(join(folder, `${name}.log`), "a");
  const child = spawn(command, args, { stdio: ["ignore", log, log], cwd: folder });
  closeSync(log);
  children.set(name, child);
  if (child.pid !== undefined) {
    writeFileSync(join(folder, "pids", name), String(child.pid));
  }
  child.on("error", (error) => report(name, error.message));
  child.on("exit", (code, signal) => {
    if (children.get(name) === child) {
      children.delete(name);
    }
    report(name, code ?? signal);
  });
}

function report(name, code) {
  if (process.connected) {
    process.send({ type: "exited", name, code });
  }
}

async function end() {
  const gone = [...children.values()].map((child) => new Promise((resolve) => child.once("exit", resolve)));
  for (const child of children.values()) {
    // Nothing in it is worth an orderly end: the data goes with the folder.
    child.kill("SIGKILL");
  }
  await Promise.all(gone);
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}
