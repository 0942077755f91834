using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class ConcurrencyTests : EmulatorFixture
{
    [Test]
    public async Task TwoHundredCallsAtOnceAreAllAnswered()
    {
        using var client = Emulator.NewClient();
        var pages = await Task.WhenAll(Enumerable.Range(0, 200).Select(index => client.GetUsersAsync(1 + index % 45, 1)));
        Assert.That(pages.Select(page => page.PageNumber), Is.EqualTo(Enumerable.Range(0, 200).Select(index => 1 + index % 45)));
        Assert.That(pages.Select(page => page.Data.Count), Is.All.EqualTo(1));
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(200));
    }

    [Test]
    public void TwoHundredBlockingCallsAtOnceAreAllAnswered()
    {
        using var client = Emulator.NewClient();
        var answered = 0;
        var threads = Enumerable.Range(0, 200).Select(index => new Thread(() =>
        {
            if (client.GetUsers(1 + index % 45, 1).PageNumber == 1 + index % 45)
            {
                Interlocked.Increment(ref answered);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(answered, Is.EqualTo(200));
    }

    [Test]
    public async Task TheCallersCodeGoesOnOnAThreadOfThePoolAndNotOnTheLibrarys()
    {
        using var client = Emulator.NewClient();
        await Emulator.FaultAsync(new { path = "*/Users", delayMs = 50 });
        var caller = Environment.CurrentManagedThreadId;
        await client.GetUsersAsync().ConfigureAwait(false);
        // Still on the caller's own thread if the answer was there before it could wait.
        Assert.That(Thread.CurrentThread.IsThreadPoolThread || Environment.CurrentManagedThreadId == caller);
        // A blocked continuation must not hold up other calls.
        var blocked = client.GetUsersAsync().ContinueWith(_ => client.GetUsers(), TaskContinuationOptions.ExecuteSynchronously);
        Assert.That((await blocked).Data, Has.Count.EqualTo(10));
    }

    [Test]
    public void WaitingUnderASynchronizationContextDoesNotDeadlock()
    {
        using var client = Emulator.NewClient();
        var worker = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new DeadContext());
            _ = client.GetUsers();
            _ = client.GetUsersAsync().Result;
            _ = client.ExchangeApiKeyForTokenAsync(Amelia).Result;
            _ = client.RequestAsync(System.Net.Http.HttpMethod.Get, "api/v2.0/Users").Result;
            _ = client.IterateUsersAsync().GetAsyncEnumerator().MoveNextAsync().AsTask().Result;
        })
        {
            IsBackground = true,
        };
        worker.Start();
        Assert.That(worker.Join(Emulator.Patience), "a call waits for the context of its caller");
    }

    // Like the context of a window whose thread waits: nothing posted to it ever runs.
    private sealed class DeadContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
