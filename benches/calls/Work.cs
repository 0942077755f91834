// What every program in C# takes and prints; benches/src/measure.rs says it.
using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

internal sealed class Work
{
    private readonly int calls;
    private readonly int atOnce;
    private readonly int warmUp;

    public Work(string[] arguments)
    {
        this.Way = arguments[0];
        this.calls = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        this.atOnce = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        this.warmUp = int.Parse(arguments[3], CultureInfo.InvariantCulture);
    }

    public string Way { get; }

    public static int PageSize => int.Parse(Environment.GetEnvironmentVariable("BENCH_PAGE_SIZE") ?? "10", CultureInfo.InvariantCulture);

    /// <summary>The page that the calls ask for, for programs that know nothing of the service.</summary>
    public static string PageUrl =>
        $"{Environment.GetEnvironmentVariable("AGGLESTONE_BASE_URL")}/tenant/"
        + $"{Environment.GetEnvironmentVariable("AGGLESTONE_TENANT_ID")}/api/v2.0/Users?pageNumber=1&pageSize={PageSize}";

    /// <summary>One call after the other, or shared by threads.</summary>
    public Task Blocking(Action call) => this.Measure(times =>
    {
        void Make(int share)
        {
            for (var i = 0; i < share; i++)
            {
                call();
            }
        }

        if (this.atOnce == 1)
        {
            Make(times);
            return Task.CompletedTask;
        }

        var threads = Enumerable.Range(0, this.atOnce)
            .Select(index => new Thread(() => Make(this.Share(times, index))))
            .ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return Task.CompletedTask;
    });

    /// <summary>Tasks share the calls.</summary>
    public Task Awaited(Func<Task> call) => this.Measure(times =>
    {
        async Task Make(int share)
        {
            for (var i = 0; i < share; i++)
            {
                await call();
            }
        }

        return Task.WhenAll(Enumerable.Range(0, this.atOnce).Select(index => Make(this.Share(times, index))));
    });

    private int Share(int times, int index) => (times / this.atOnce) + (index < times % this.atOnce ? 1 : 0);

    private async Task Measure(Func<int, Task> run)
    {
        await run(this.warmUp);
        using var process = Process.GetCurrentProcess();
        var before = this.warmUp > 0 ? process.TotalProcessorTime : TimeSpan.Zero;
        var clock = Stopwatch.StartNew();
        await run(this.calls);
        var wall = clock.Elapsed;
        process.Refresh();
        var cpu = process.TotalProcessorTime - before;
        Console.WriteLine(
            $"{{\"wallNs\":{wall.TotalNanoseconds:F0},\"cpuNs\":{cpu.TotalNanoseconds:F0},"
            + $"\"peakKb\":{process.PeakWorkingSet64 / 1024}}}");
    }
}
