// Times a function in rounds; `cargo xtask bench verify` makes a table of the lines that are printed.
const rounds = 101;
// Short, so that most rounds are undisturbed by whatever else the machine does.
const inARound = 200;
const warmUp = 500_000_000n;

/** Nanoseconds a time, round by round. */
export async function measure(verify) {
  async function round() {
    const start = process.hrtime.bigint();
    for (let i = 0; i < inARound; i++) {
      await verify();
    }
    return Math.round(Number(process.hrtime.bigint() - start) / inARound);
  }
  const start = process.hrtime.bigint();
  while (process.hrtime.bigint() - start < warmUp) {
    await round();
  }
  const all = [];
  while (all.length < rounds) {
    all.push(await round());
  }
  return all;
}

export function show(library, seen, anew) {
  console.log(JSON.stringify({ library, seen, anew }));
}
