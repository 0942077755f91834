using System;
using System.Threading;
using System.Threading.Tasks;

namespace Agglestone.Native;

/// <summary>
/// Hands events to the application in order, on threads of the pool: on the library's own thread, a listener that waits for a
/// call would wait for ever.
/// </summary>
internal sealed class EventQueue(Action<ApiKeyEvent> listener)
{
    private readonly object gate = new();
    private Task last = Task.CompletedTask;

    internal void Add(ApiKeyEvent happened)
    {
        lock (gate)
        {
            last = last.ContinueWith(
                _ => Tell(happened), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Tell(ApiKeyEvent happened)
    {
        try
        {
            listener(happened);
        }
        catch (Exception)
        {
            // What a listener throws concerns only itself; the next event is told all the same.
        }
    }
}
