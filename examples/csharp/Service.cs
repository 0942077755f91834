// A service that runs until it is told to end: lists users, gets a fresh token now and then, and says how it goes.
// Configured by AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY_FILE and AGGLESTONE_SECONDARY_API_KEY_FILE.
// There is nothing about rotating keys in here: replacing the files is all it takes.
using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

using Agglestone;

const int Workers = 4;
const int MillisecondsBetweenCalls = 20;
const int MillisecondsBetweenReports = 250;

await using var client = new AgglestoneClient(new AgglestoneClientOptions { AppName = "example-service-csharp/1.0" });
var userId = (await client.GetUsersAsync(pageSize: 1)).Data[0].UserId;
int calls = 0, failures = 0;

var running = true;
void Stop(PosixSignalContext context)
{
    // Not at once, as it would be without this: the calls under way end first.
    context.Cancel = true;
    Volatile.Write(ref running, false);
}

using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync()).Append(ReportAsync()));
Say();

async Task WorkAsync()
{
    while (Volatile.Read(ref running))
    {
        try
        {
            if (Interlocked.Increment(ref calls) % 10 == 0)
            {
                await client.GetFreshTokenAsync(userId);
            }
            else
            {
                await client.GetUsersAsync();
            }
        }
        catch (AgglestoneException error)
        {
            Interlocked.Increment(ref failures);
            Console.Error.WriteLine(error.Message);
        }

        await Task.Delay(Workers * MillisecondsBetweenCalls);
    }
}

async Task ReportAsync()
{
    while (Volatile.Read(ref running))
    {
        await Task.Delay(MillisecondsBetweenReports);
        Say();
    }
}

// One line of JSON; the fingerprint tells which key is in use.
void Say()
{
    var usage = client.KeyUsage();
    var key = new[] { usage.Primary, usage.Secondary }.First(slot => slot?.Active == true)!.Fingerprint;
    Console.WriteLine(JsonSerializer.Serialize(new { calls, failures, failovers = usage.Failovers, key }));
}
