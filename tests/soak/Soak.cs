// Calls until it is told to end, also as a user and cancelled, with clients that are made and dropped.
// A line of JSON a second says how it goes, failures by the number of their code.
using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

using Agglestone;

const int Workers = 4;
const int CallsOfAClient = 100;
const int MillisecondsBetweenCalls = 50;

var failures = new ConcurrentDictionary<string, int>();
int calls = 0, clients = 0;
var running = true;

using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    Volatile.Write(ref running, false);
});

await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync()).Append(ReportAsync()));

async Task WorkAsync()
{
    string? userId = null;
    while (Volatile.Read(ref running))
    {
        Interlocked.Increment(ref clients);
        await using var client = new AgglestoneClient(new AgglestoneClientOptions { Timeout = TimeSpan.FromSeconds(5) });
        for (var number = 0; Volatile.Read(ref running) && number < CallsOfAClient; number++)
        {
            try
            {
                userId ??= (await client.GetUsersAsync()).Data[0].UserId;
                await OneAsync(client, number, userId);
            }
            catch (Exception error)
            {
                var cause = error is IAgglestoneError known ? ((int)known.Code).ToString(CultureInfo.InvariantCulture) : error.ToString();
                failures.AddOrUpdate(cause, 1, (_, before) => before + 1);
            }

            Interlocked.Increment(ref calls);
            await Task.Delay(MillisecondsBetweenCalls);
        }
    }
}

// One call, of another kind each time.
async Task OneAsync(AgglestoneClient client, int number, string userId)
{
    switch (number % 4)
    {
        case 0:
            await client.GetFreshTokenAsync(userId);
            break;
        case 1:
            await client.AsUser(userId).GetUserAsync(userId);
            break;
        case 2:
            using (var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(1)))
            {
                try
                {
                    await client.GetUsersAsync(cancellationToken: cancellation.Token);
                }
                catch (OperationCanceledException)
                {
                    // As asked for.
                }
            }

            break;
        default:
            await client.GetUsersAsync();
            break;
    }
}

async Task ReportAsync()
{
    while (Volatile.Read(ref running))
    {
        await Task.Delay(1000);
        Console.WriteLine(JsonSerializer.Serialize(new { calls, clients, failures }));
    }
}
