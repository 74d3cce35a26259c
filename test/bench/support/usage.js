// Loaded into a child process with --require: tells at its end what it used, as a line of JSON on standard error.
process.on("SIGINT", () => process.exit(0));
process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write(`\nusage ${JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: maxRSS / 1024 })}\n`);
});
