using System.Threading.Tasks;

namespace Agglestone.Native;

/// <summary>Counts the callbacks that are still to come.</summary>
internal sealed class Outstanding
{
    private readonly object gate = new();
    private int count;
    private TaskCompletionSource? none;

    internal void Add()
    {
        LoadedCode.Hold();
        lock (gate)
        {
            count++;
        }
    }

    internal void Remove()
    {
        TaskCompletionSource? waiting = null;
        lock (gate)
        {
            if (--count == 0)
            {
                (waiting, none) = (none, null);
            }
        }

        waiting?.SetResult();
        LoadedCode.Release();
    }

    /// <summary>Ends when there is none left.</summary>
    internal Task NoneAsync()
    {
        lock (gate)
        {
            if (count == 0)
            {
                return Task.CompletedTask;
            }

            none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return none.Task;
        }
    }
}
