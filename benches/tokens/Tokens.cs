// What a token costs in C#: one that the client has at hand, and one that it exchanges its key for.
// Prints the measurements of every round; `cargo xtask bench tokens` runs this and makes the table.
using System;
using System.Diagnostics;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Agglestone;

const int Rounds = 101;
// Short, so that most rounds are undisturbed by whatever else the machine does.
const int CachedInARound = 2_000;
const int FreshInARound = 3;
var warmUp = TimeSpan.FromSeconds(2); // The compiler's last tier comes late.

await using var client = new AgglestoneClient();
var userId = (await client.GetUsersAsync()).Data.First(user => user.Enabled == true).UserId;

await Measure("blocking", times => GetBlocking(times), times => GetFreshBlocking(times));
await Measure("awaited", GetAwaited, GetFreshAwaited);

Task GetBlocking(int times)
{
    for (var i = 0; i < times; i++)
    {
        client.ExchangeApiKeyForToken(userId);
    }

    return Task.CompletedTask;
}

Task GetFreshBlocking(int times)
{
    for (var i = 0; i < times; i++)
    {
        client.GetFreshToken(userId);
    }

    return Task.CompletedTask;
}

async Task GetAwaited(int times)
{
    for (var i = 0; i < times; i++)
    {
        await client.ExchangeApiKeyForTokenAsync(userId);
    }
}

async Task GetFreshAwaited(int times)
{
    for (var i = 0; i < times; i++)
    {
        await client.GetFreshTokenAsync(userId);
    }
}

async Task Measure(string way, Func<int, Task> getCached, Func<int, Task> getFresh)
{
    var clock = Stopwatch.StartNew();
    while (clock.Elapsed < warmUp)
    {
        await getCached(CachedInARound);
    }

    var cached = new double[Rounds];
    var fresh = new double[Rounds];
    for (var round = 0; round < Rounds; round++)
    {
        cached[round] = await Time(getCached, CachedInARound);
    }

    for (var round = 0; round < Rounds; round++)
    {
        fresh[round] = await Time(getFresh, FreshInARound);
    }

    Console.WriteLine(JsonSerializer.Serialize(new { way, cached, fresh }));
}

static async Task<double> Time(Func<int, Task> get, int times)
{
    var clock = Stopwatch.StartNew();
    await get(times);
    return Math.Round(clock.Elapsed.TotalNanoseconds / times);
}
