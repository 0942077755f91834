using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class CancellationTests : EmulatorFixture
{
    // Longer than any test waits: only a cancellation ends such a call in time.
    private static readonly object Slow = new { path = "*/Users*", delayMs = 25_000, times = 1_000 };

    [Test]
    public async Task ATokenThatIsCancelledAlreadySendsNothing()
    {
        using var client = Emulator.NewClient();
        var token = new CancellationToken(canceled: true);
        var task = client.GetUsersAsync(cancellationToken: token);
        var problem = Assert.CatchAsync<OperationCanceledException>(() => task)!;
        Assert.That((problem.CancellationToken, task.IsCanceled), Is.EqualTo((token, true)));
        Assert.Throws<OperationCanceledException>(() => client.GetUser(Amelia, token));
        Assert.That(await Emulator.RequestsAsync(), Is.Empty);
    }

    [Test]
    public async Task CancellingEndsACallUnderWay()
    {
        await Emulator.FaultAsync(Slow);
        using var client = Emulator.NewClient();
        using var source = new CancellationTokenSource();
        var task = client.GetUsersAsync(cancellationToken: source.Token);
        await Emulator.ArrivedAsync(1);
        source.Cancel();
        var problem = Assert.CatchAsync<OperationCanceledException>(() => task)!;
        Assert.That((problem.CancellationToken, task.IsCanceled), Is.EqualTo((source.Token, true)));
    }

    [Test]
    public async Task CancellingEndsABlockingCallUnderWay()
    {
        await Emulator.FaultAsync(Slow);
        using var client = Emulator.NewClient();
        using var source = new CancellationTokenSource();
        var task = Task.Run(() => client.GetUser(Amelia, source.Token));
        await Emulator.ArrivedAsync(1);
        source.Cancel();
        var problem = Assert.CatchAsync<OperationCanceledException>(() => task)!;
        Assert.That(problem.CancellationToken, Is.EqualTo(source.Token));
    }

    [Test]
    public async Task CancellingOneCallLeavesTheOthersAlone()
    {
        await Emulator.FaultAsync(new { path = "*/Users", delayMs = 25_000, times = 1 });
        using var client = Emulator.NewClient();
        using var source = new CancellationTokenSource();
        var slow = client.GetUsersAsync(cancellationToken: source.Token);
        await Emulator.ArrivedAsync(1);
        var others = Enumerable.Range(0, 10).Select(_ => client.GetUsersAsync()).ToArray();
        source.Cancel();
        Assert.CatchAsync<OperationCanceledException>(() => slow);
        Assert.That((await Task.WhenAll(others)).Select(page => page.Data.Count), Is.All.EqualTo(10));
    }

    [Test]
    public async Task CancellingAfterTheEndChangesNothing()
    {
        using var client = Emulator.NewClient();
        using var source = new CancellationTokenSource();
        var page = await client.GetUsersAsync(cancellationToken: source.Token);
        source.Cancel();
        Assert.That(page.Data, Has.Count.EqualTo(10));
    }

    [Test]
    public async Task CancellingEndsAnIteration()
    {
        using var client = Emulator.NewClient();
        using var source = new CancellationTokenSource();
        var seen = 0;
        Assert.CatchAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.IterateUsersAsync(pageSize: 10).WithCancellation(source.Token))
            {
                if (++seen == 10)
                {
                    source.Cancel();
                }
            }
        });
        Assert.That(seen, Is.EqualTo(10));
        Assert.That(await Emulator.RequestsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task CancellingAtAnyMomentEndsEveryCallOneWayOrTheOther()
    {
        using var client = Emulator.NewClient();
        var calls = Enumerable.Range(0, 200).Select(async index =>
        {
            using var source = new CancellationTokenSource();
            var call = client.GetUsersAsync(cancellationToken: source.Token);
            await Task.Yield();
            Thread.SpinWait(index * 500);
            source.Cancel();
            try
            {
                return (await call).Data.Count == 10;
            }
            catch (OperationCanceledException problem)
            {
                return problem.CancellationToken == source.Token;
            }
        });
        Assert.That(await Task.WhenAll(calls), Is.All.True);
    }
}
