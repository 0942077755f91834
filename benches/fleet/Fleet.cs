// One process of the fleet: asks for users' tokens and makes calls with a key until it is told to end.
// A line of JSON a second says how it goes, failures by the number of their code.
using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

using Agglestone;

const int Users = 10_000;
const int TokensACall = 10;
const int MillisecondsBetweenCalls = 30;

var failures = new ConcurrentDictionary<string, int>();
var calls = 0;
var running = true;

using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    Volatile.Write(ref running, false);
});

await Task.WhenAll(WorkAsync(), ReportAsync());

async Task WorkAsync()
{
    await using var tokens = new AgglestoneClient(new AgglestoneClientOptions { AppName = "tokens" });
    await using var client = new AgglestoneClient(new AgglestoneClientOptions { AppName = "calls" });
    while (Volatile.Read(ref running))
    {
        try
        {
            for (var number = 0; number < TokensACall; number++)
            {
                var user = Random.Shared.Next(Users).ToString("D12", CultureInfo.InvariantCulture);
                await tokens.ExchangeApiKeyForTokenAsync($"00000000-0000-4000-8000-{user}");
            }

            await client.GetUsersAsync(pageSize: 1);
        }
        catch (Exception error)
        {
            var cause = error is IAgglestoneError known ? ((int)known.Code).ToString(CultureInfo.InvariantCulture) : error.ToString();
            failures.AddOrUpdate(cause, 1, (_, before) => before + 1);
        }

        calls += TokensACall + 1;
        await Task.Delay(MillisecondsBetweenCalls);
    }
}

async Task ReportAsync()
{
    while (Volatile.Read(ref running))
    {
        await Task.Delay(1000);
        Console.WriteLine(JsonSerializer.Serialize(new { calls, failures }));
    }
}
