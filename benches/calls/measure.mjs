// What every program in Node takes and prints; benches/src/measure.rs says it.
const [way, ...numbers] = process.argv.slice(2);
const [calls, atOnce, warmUp] = numbers.map(Number);

export { way };
export const pageSize = Number(process.env.BENCH_PAGE_SIZE ?? '10');

/** The page that the calls ask for, for programs that know nothing of the service. */
export function pageUrl() {
  const { AGGLESTONE_BASE_URL: base, AGGLESTONE_TENANT_ID: tenant } = process.env;
  return `${base}/tenant/${tenant}/api/v2.0/Users?pageNumber=1&pageSize=${pageSize}`;
}

/** `atOnce` loops share the calls. */
export async function awaited(call) {
  const make = async (times) => {
    for (let i = 0; i < times; i++) {
      await call();
    }
  };
  const run = (times) => {
    const share = (index) => Math.floor(times / atOnce) + (index < times % atOnce ? 1 : 0);
    return Promise.all(Array.from({ length: atOnce }, (_, index) => make(share(index))));
  };
  await run(warmUp);
  const [start, cpu] = [process.hrtime.bigint(), warmUp > 0 ? process.cpuUsage() : { user: 0, system: 0 }];
  await run(calls);
  const wall = process.hrtime.bigint() - start;
  const { user, system } = process.cpuUsage(cpu);
  const peakKb = process.resourceUsage().maxRSS;
  console.log(JSON.stringify({ wallNs: Number(wall), cpuNs: (user + system) * 1000, peakKb }));
}
